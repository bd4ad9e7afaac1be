"""What the pages of daily work show and do, as plain values: pages dress them, the JSON routes send them."""
