"""The command line of FlexStream, one command a file."""
