"""What people see: one page one file, each with its `router`."""
