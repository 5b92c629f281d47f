"""What the scripts share: how a process is run and measured, how results and tables are written, what is compared."""
