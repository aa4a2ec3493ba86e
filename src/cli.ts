// Entry in a terminal: parse arguments, ask the core, print.
process.stdout.write("trajectory\n");
