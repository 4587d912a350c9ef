#include "host/cli/command_line.hpp"

int main(int argc, char** argv) { return phigrad::run_command_line(argc, argv); }
