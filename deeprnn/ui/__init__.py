"""The web page: pure frames, then layout, then wiring; the only room that knows Gradio."""
