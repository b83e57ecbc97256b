"""The worker: the threads of a process that carry out jobs, look at the clock, and keep what runs."""
