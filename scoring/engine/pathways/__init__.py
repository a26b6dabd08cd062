"""Where a company's emissions came from and go to, against what its sector may emit."""
