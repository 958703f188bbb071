"""govreport_parse."""
