"""Plain tables for a terminal."""


def lines(head, rows):
    """Rows of strings as aligned lines, a header first."""
    everything = [head, *map(tuple, rows)]
    widths = [max(len(row[i]) for row in everything) for i in range(len(head))]
    for row in everything:
        yield "  ".join(cell.ljust(width)
                        for cell, width in zip(row, widths)).rstrip()
