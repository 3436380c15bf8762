"""How much slower Thaw is than the barest way to do the same work: `python -m bench [GROUP ...]`.

Every time is compared with a bare version of the same work in the same run, for machines differ
and are noisy. A subject is a module with `rows() -> Iterator[Row]`, listed in `__main__`.
"""
