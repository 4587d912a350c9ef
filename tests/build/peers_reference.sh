#!/bin/sh
# peers_reference.sh SOURCE_DIR PYTHON
# The fp64 reference that phigrad and its peers are held to, against the complex step of its costs.
# Exit 77: this Python lacks numpy.
source=$1 python=$2
"$python" -c 'import numpy' 2>/dev/null || {
  echo "skipped: $python lacks numpy; ./dev test installs it"
  exit 77
}
exec "$python" -B "$source/benchmarks/peers/check.py"
