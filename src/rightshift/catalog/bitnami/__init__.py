"""Components that Bitnami puts below /opt/bitnami."""
