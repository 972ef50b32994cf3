"""Reports: what is on record, put together for readers inside and outside; model cards first."""
