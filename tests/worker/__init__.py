"""What only the Worker has: its build, its logs, its runtime killed."""
