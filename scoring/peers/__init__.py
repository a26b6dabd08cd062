"""Peers: every company that is no candidate, with what is measured of it. No score, no order by one."""
