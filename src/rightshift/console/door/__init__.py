"""What every request passes before anybody asks who it is: hosts, rates, headers, errors. Who is asking: `auth`."""
