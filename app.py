"""Opens DeepRNN in the browser: `python app.py`. A Hugging Face Space runs this file too."""

from deeprnn.ui.server import main

if __name__ == "__main__":
    main()
