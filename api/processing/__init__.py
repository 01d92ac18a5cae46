"""How a submission is prepared: durable steps, each awaiting a child process that can be killed."""
