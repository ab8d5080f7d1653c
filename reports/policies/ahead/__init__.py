"""Looking ahead: what the coming week will bring, what stands out, what is getting worse.

`forecasts`, `spikes` and `rates` are arithmetic over weekly counts and know neither Django nor the
database; they run in a process of their own that ends (`reckoning`), because the libraries behind
them would stay in a worker's memory for good.
"""
