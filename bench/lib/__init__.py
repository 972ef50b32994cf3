"""What every benchmark needs: an instance of its own, interleaved rounds, load, and a company of any size."""
