"""How a service is told who asks: generators that yield requests and are sent the answers. Sending: `egress/client`."""
