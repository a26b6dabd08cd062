"""Peers: every company that is no candidate, with what is measured of it. Facts beside each other, no score, no order by one."""
