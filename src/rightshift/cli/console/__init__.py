"""What commands that ask a console share: where it is, who asks, requests and answers. Commands: the files above."""
