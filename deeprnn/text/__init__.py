"""Text: from bytes to token ids and minibatches. It knows no network and no page."""
