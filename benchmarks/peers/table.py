"""The comparison as a person reads it."""

CLOSE = 2.5  # a peer within so many times phigrad's time is named in words


def name_of(row):
    peer = row["peer"].removesuffix("_peer").replace("_", "-")
    return peer if row["row"] == "tuned" else f"{peer}, as usually written"


def milliseconds(row):
    return f"{row['seconds'] * 1e3:.3g} ms" if "seconds" in row else "failed"


def lines(rows):
    """A block of lines a cell: time, ratio, error, compile time, memory, variant."""
    out, cell = [], None
    for row in rows:
        at = (row["case"], row["batch"], row["steps"])
        if at != cell:
            cell = at
            out += [
                "",
                f"{at[0]}, B = {at[1]}, T = {at[2]}",
                f"  {'':32} {'time':>10} {'/ phigrad':>10} {'error':>8}"
                f" {'compile':>8} {'memory':>9}  variant",
            ]
        ratio = f"{row['ratio']:.3g}x" if "ratio" in row else ""
        error = f"{row['error']:.0e}" if "error" in row else ""
        compile_s = f"{row['compile_s']:.1f} s" if "compile_s" in row else ""
        memory = f"{row['peak_rss_mib']:.0f} MiB" if "peak_rss_mib" in row else ""
        about = row.get("failed") or row.get("variant", row.get("backend", ""))
        out.append(
            f"  {name_of(row):32} {milliseconds(row):>10} {ratio:>10} {error:>8}"
            f" {compile_s:>8} {memory:>9}  {about}"
        )
    return out


def words(rows):
    """What a reader should not have to look for: peers that are close or ahead."""
    said = []
    for row in rows:
        ratio = row.get("ratio")
        if row["peer"] == "phigrad" or ratio is None or ratio >= CLOSE:
            continue
        at = f"{row['case']}, B = {row['batch']}, T = {row['steps']}"
        if ratio < 1:
            said.append(f"{name_of(row)} is ahead of phigrad by {1 / ratio:.2f}x: {at}")
        else:
            said.append(f"{name_of(row)} comes within {ratio:.2f}x of phigrad: {at}")
    return said or [f"no peer comes within {CLOSE}x of phigrad"]


def text(rows):
    return "\n".join([*lines(rows), "", *words(rows)])
