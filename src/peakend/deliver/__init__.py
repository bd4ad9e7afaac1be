"""From a decided send to what somebody reads, and out of the house: words here, one channel one file."""
