"""The lab: a real Matchbox, what stands in front of it, and stand-ins for
machines that boot. `make run`, `make lab-up` and every pytest room use it.

Standard library of Debian's Python only. Run it with tests/ on PYTHONPATH:
`python3 -m lab run|up|down`.
"""
