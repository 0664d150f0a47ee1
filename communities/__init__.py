"""The rules of Communities of Schools, pure Python: values in, values out. No I/O, no clock, no SDK."""
