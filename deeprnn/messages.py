"""What the program says to its user: a key, its details, and the one English sentence of each key.

A message travels as key and details, so that a page may say it in another language; the command line says the English
sentence. Other languages live in `deeprnn/ui/texts`; a test holds the tables equal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ENGLISH: dict[str, str] = {
    # settings
    "unknown_setting": "There is no setting called {name}. Allowed: {allowed}.",
    "not_int": "{name} is {value}, but must be a whole number.",
    "not_float": "{name} is {value}, but must be a finite number.",
    "not_bool": "{name} is {value}, but must be true or false.",
    "not_str": "{name} is {value}, but must be a word.",
    "not_a_recipe": "This is not a recipe: it must name exactly name, text, model and train.",
    "out_of_range": "{name} is {value}, but must be between {low} and {high}.",
    "not_a_choice": "{name} is {value}, but must be one of: {allowed}.",
    "bad_assignment": "{value} is not of the form name=value, for example hidden_size=128.",
    "unknown_preset": "There is no recipe called {name}. Allowed: {allowed}.",
    "unknown_device": "There is no device called {name}. Allowed: {allowed}.",
    "not_text": "{name} is {value}, but must be a text.",
    "prefix_too_long": "The beginning has {length} characters, but at most {most} are read. Shorten it.",
    # the page
    "status_idle": "A trained model is loaded. Write with it now, or train your own.",
    "status_no_model": "There is no trained model yet. Choose a corpus and press Train.",
    "status_starting": "Reading the text and building the network.",
    "status_running": "Run {number} is learning. You can write with its newest weights at any time.",
    "status_beaten": "Run {number} is learning and has just beaten {line}: perplexity {perplexity} against {than}.",
    "line_uniform": "guessing evenly",
    "line_unigram": "the unigram",
    "line_bigram": "the bigram",
    "line_trigram": "the trigram",
    "line_fivegram": "the 5-gram",
    "line_xz": "the compressor xz",
    "line_entropy": "the exact limit",
    "status_pausing": "The step in hand is being finished.",
    "status_paused": "Weights of step {step} stay usable. Nothing is lost.",
    "status_stopping": "The best and the last model are being saved.",
    "status_done": "Best model at step {step}: perplexity {perplexity}, {bits} bits per character. "
    "It is saved, and in the list of models.",
    "status_done_unmeasured": "The model of step {step} is saved, and in the list of models.",
    "status_failed": "The run ended with an error. What was saved is safe.",
    "status_nothing_learnt": "The run was stopped before its first step; there is no model to save.",
    "replaced": "Not in this model's alphabet, read as the nearest: {characters}{rest}.",
    "replaced_by_unknown": "Not in this model's vocabulary, read as <unk>: {characters}{rest}.",
    "removed": "Not in this model's alphabet, left out: {characters}{rest}.",
    "and_more": " and {count} more",
    "out_of_time": "Writing was ended after {seconds} seconds.",
    "nothing_to_export": "Choose a saved model first; the newest weights of a run can be downloaded when it has ended.",
    "no_models": "There is no model to write with yet. Train one, or load a model file.",
    "model_added": "{name} was checked and added to the models.",
    "empty_text": "The text is empty. Paste some text, or choose a file.",
    # command line
    "no_such_text": "There is no file and no text called {name}. Give the path of a file, or one of: {allowed}.",
    "not_a_model_folder": "{path} holds other things than a model. Choose a new or an empty folder.",
    "fault": "{kind}: {reason}. This is a fault of the program. Please report it with what --debug prints.",
    "run_saved": "Run {number} was stopped at step {step} and saved in {folder}.",
    "run_not_saved": "Run {number} was stopped at step {step} before its last model was saved. "
    "What was saved earlier is safe.",
    # jobs
    "job_busy": "A run has not ended yet. Stop it first, or wait for its end.",
    "nothing_to_pause": "There is nothing to pause: no run is training.",
    "nothing_to_resume": "There is nothing to resume: no run is paused.",
    "nothing_to_stop": "There is nothing to stop: no run is training or paused.",
    "save_failed": "The model could not be saved: {reason}. Training goes on; make room on the disk.",
    "lines_failed": "The reference lines could not be measured ({reason}). The run goes on without them.",
    "cannot_write": "{path} cannot be written: {reason}. Choose another folder or make room on the disk.",
    "unknown_corpus": "There is no text called {name}. Choose one from the list.",
    "unknown_model": "There is no model called {name}. Choose one from the list.",
    "no_model_yet": "The run has no weights yet. Try again in a second.",
    "unexpected": "Something went wrong in the program itself ({kind}: {reason}). What was saved is safe.",
    # texts
    "cannot_read": "{name} cannot be read: {reason}. Choose another file.",
    "text_too_large": "{name} has {megabytes} MB; at most {most} MB can be read. Cut it into parts.",
    "other_format": "{name} is a {kind} file, which cannot be read here. Save its text as UTF-8 and try again.",
    "wrong_suffix": "{name} is called {suffix}, but holds {kind}; it was read as what it is.",
    "encoding_unfit": "{name} cannot be {encoding}: {count} of its bytes mean nothing in it. "
    "Choose another encoding, or none to have it found out.",
    "nuls_removed": "{count} NUL characters were removed.",
    "unknown_column": "{name} has no column {column}. Allowed: {allowed}.",
    "columns_read": "Of {count} columns, these were read: {columns}.",
    "too_many_columns": "{name} has more than {most} columns. Keep only those with text.",
    "no_text_in": "There is no text in {name}. Choose another file or column.",
    "line_too_long": "A line has more than {most} million characters. Break it, or save the file as plain text.",
    "format_broken": "{name} is damaged, or not a {kind} file at all. Download it again, or save its text as UTF-8.",
    "nested_too_deeply": "{name} is nested deeper than any text. Save its text as UTF-8 and try again.",
    "xml_entities": "{name} declares entities, as no book or document needs to. It is not opened.",
    "too_many_members": "{name} has more than {most} parts. Divide it.",
    "unpacks_too_large": "{name} unpacks to {megabytes} MB; at most {most} MB are read. Divide it.",
    "packed_too_well": "{name} unpacks to {ratio} times its size; more than {most} is not text. It is not opened.",
    "nested_archive": "{name} is an archive inside an archive, which is not opened. Unpack the outer one first.",
    "no_readable_member": "Nothing in {name} could be read; {count} files were tried. The first: {reason}",
    "empty_folder": "There is no file in {name}. Choose another, or put texts into it.",
    "left_out": "{name} was left out: {reason}",
    "more_left_out": "{count} more files were left out.",
    "in_file": "{name}: {notice}",
    "chapters_missing": "{count} chapters that the book lists are not in it.",
    "encrypted": "{name} is protected by a password or a licence. Save its text without it.",
    "needs_package": "{what} needs one more package. Install it with: {command}",
    "only_pictures": "The {pages} pages of {name} hold pictures and no text. Run text recognition on them first.",
    "pages_without_text": "{count} of {pages} pages hold no text; they may be pictures.",
    "not_json": "{name} is not {kind} (line {line}, column {column}); it was read as plain text.",
    "json_too_large": "One JSON document may have at most {most} MB, and {name} has more. Write one "
    "record on each line (.jsonl).",
    "lines_not_json": "{count} lines are no JSON and were left out.",
    "needs_too_much_memory": "{name} would need more memory than a text of its size should. Save its text as UTF-8.",
    "reader_too_slow": "{name} was given up after {seconds} s. Save its text as UTF-8.",
    "reader_failed": "{name} could not be read ({kind}). Save its text as UTF-8 and try again.",
    "reader_ended": "{name} ended its reader: it takes more time or memory than a text of its size "
    "should. Save its text as UTF-8.",
    "hub_form": "{name} does not name a data set. Write it as {form}.",
    "hub_offline": "{name} cannot be reached. Data sets of the Hub need a network; texts that are here already do not.",
    "hub_not_found": "There is no public data set called {name} on the Hub, or it asks you to log in first.",
    "hub_failed": "The data set {name} could not be read: {reason}.",
    "hub_unknown_configuration": "{name} has no configuration {value}. Allowed: {allowed}.",
    "hub_unknown_split": "{name} has no split {value}. Allowed: {allowed}.",
    "too_many_files": "There are {count} files; at most {most} are read together.",
    "not_plain_text": "{name} is not a text in any encoding known here. Save it as UTF-8 and try again.",
    "unknown_encoding": "There is no character encoding called {name}. Choose one from the list, such as utf-8, "
    "gb18030, big5, shift_jis, euc_kr, koi8-r or cp1252.",
    "encoding_guessed": "The file was read as {encoding}, which is a guess. Check its beginning: {preview}",
    "undecodable": "{count} bytes are not valid {encoding}; each was read as the replacement character U+FFFD.",
    "line_ends": "{count} line ends were changed to line feeds.",
    "controls_removed": "{count} control characters were removed.",
    "byte_order_marks": "{count} byte order marks (U+FEFF) inside the text were removed.",
    "surrogates_joined": "{count} characters written as two surrogates were joined.",
    "surrogates_replaced": "{count} lone surrogates were replaced by U+FFFD.",
    "gutenberg_removed": "{count} characters of Project Gutenberg's header and licence were removed.",
    "composed": "{count} stretches with accents written apart were composed (NFC).",
    "quotes_straightened": "{count} curly quotes were made straight.",
    "blanks_removed": "{count} blanks beside other blanks were removed.",
    "lines_removed": "{count} lines that had stood before were removed.",
    "lowered": "{count} capitals were made small.",
    "letters_kept": "{count} characters were removed in keeping only the letters A to Z.",
    "cleaning_does": "{name} changes {count} places, for example {before} → {after}.",
    "cleaning_would": "{name} would change {count} places, for example {before} → {after}.",
    "public_domain_text": "This text is in the public domain in most countries: {source}.",
    "download_failed": "{name} could not be downloaded ({reason}). The texts that come with the program remain; "
    "or put {name} into a folder and name that folder in DEEPRNN_CORPORA.",
    "wrong_hash": "{place} is not the file it should be: its SHA-1 is {found}, expected {expected}. "
    "Remove it or try again later; the texts that come with the program remain.",
    "one_character": "The text repeats one character {characters} times. There is nothing to learn; add other text.",
    "no_letters": "Keeping only the letters A to Z leaves {left} of {characters} characters. "
    "Switch letters_only off for this text.",
    "few_letters": "Keeping only the letters A to Z leaves {left} of {characters} characters.",
    "max_tokens_too_small": "max_tokens is {value}, but at least {needed} tokens are needed.",
    "rare_characters": "The text has {distinct} different characters; "
    "the {kept} most frequent ones are learnt, the rest is read as unknown.",
    "no_validation": "The text has {characters} characters, too few to hold any out: nothing is validated.",
    "minibatch_shrunk": "The text has only {tokens} tokens to train on: batch_size is {batch_size} instead of "
    "{old_batch_size}, sequence_length is {sequence_length} instead of {old_sequence_length}.",
    "text_changed": "The text was changed while it was being read. Try again when it is complete.",
    "encoded_damaged": "The encoded text {path} was damaged; it has been made anew.",
    "cancelled": "Stopped while the text was being encoded; nothing of it was kept.",
    "unknown_tokens": "{unknown} of {tokens} tokens ({percent} %) are too rare for the vocabulary; they are read "
    "as <unk>. Everything else of the text comes back exactly.",
    "vocabulary_too_small": "max_vocab_size is {value}, but subwords begin with the 256 bytes: give at least {needed}.",
    "tokenizer_shape": "The checkpoint's tokenizer.json is no vocabulary known here. Use an undamaged checkpoint.",
    "tokenizer_size": "The checkpoint's vocabulary has {count} symbols; 2 to {high} are allowed.",
    "tokenizer_symbol": "Symbol {position} of the checkpoint's vocabulary is {value}; "
    "allowed: <unk> first, then symbols of its kind, each once.",
    "tokenizer_merge": "Merge {position} of the checkpoint's vocabulary is {value}; "
    "allowed: two earlier tokens that give a new one of at most 128 bytes.",
    # the corpus doctor
    "finding_replaced": "{count} characters are U+FFFD: something was lost when the text was read or saved. "
    "Choose another encoding, or get a better copy.",
    "finding_mojibake": "{count} places look like UTF-8 read as something else, for example {example}. "
    "Choose another encoding.",
    "finding_few_letters": "Keeping only the letters A to Z leaves {left} of {characters} characters: "
    "this text is not written in them.",
    "finding_gutenberg": "{count} characters are Project Gutenberg's header and licence; they would be learnt too.",
    "finding_shared_lines": "{count} of the {lines} lines held out for validation stand in the training part too: "
    "validation will look better than it is.",
    "finding_duplicates": "{count} lines stood before; they are {percent} % of the text and will be learnt by heart.",
    "finding_repeat": "A stretch of {length} characters stands in the text twice; it begins: {beginning}",
    "finding_accents": "{count} stretches write letters and accents apart; composed, they are fewer and commoner.",
    "finding_quotes": "The text mixes {curly} curly and {straight} straight quotes, which mean the same.",
    "finding_blanks": "{count} blanks stand beside other blanks; the network would spend its time on them.",
    "finding_large_alphabet": "The alphabet has {symbols} symbols: "
    "a learnt vector of each is smaller and learns faster than one-hot input.",
    "finding_thin": "The text has {distinct} different characters, each {each} times on average: too seldom to learn "
    "them one by one. Smaller tokens would help.",
    "finding_unseen": "{percent} % of the validation tokens never occur in the training part; "
    "nobody can predict them well.",
    "finding_rare": "{count} characters stand there only once or twice and will hardly be learnt: {characters}{rest}.",
    "finding_small_validation": "Only {tokens} tokens are held out; the validation figures will jump.",
    "finding_memory": "The run needs about {needed} GB of the {free} GB that are free. Lower one of: {lower}.",
    "not_enough_memory": "The run needs about {needed} GB, but only {free} GB are free. Lower one of: {lower}.",
    "verdict_small": "Small: {characters} characters for {parameters} parameters. Expect the text to be memorised; "
    "try 1 layer, 128 units, dropout 0.3.",
    "verdict_memorised": "{characters} characters for {parameters} parameters without much dropout: "
    "in a long run the text will be memorised; try dropout 0.4.",
    "verdict_fits": "The network suits the text: {characters} characters, {parameters} parameters.",
    "verdict_large": "Large: {characters} characters for {parameters} parameters. "
    "The network is what limits; try 2 layers, 512 units.",
    # checkpoints
    "checkpoint_missing": "There is nothing at {path}. Give the folder of a model, or its .zip.",
    "checkpoint_unreadable": "{path} cannot be read: {reason}.",
    "checkpoint_file_missing": "The model has no {name}. A model is a folder with: {files}.",
    "checkpoint_single_file": "{name} holds weights alone. Give the whole folder of the model, or its .zip.",
    "checkpoint_not_zip": "{name} is not a .zip. Give a model's folder, or the .zip that DeepRNN made of it.",
    "checkpoint_bad_zip": "{name} is damaged, encrypted or packed in a way not allowed here. Download the model again.",
    "checkpoint_members": "{name} is not the .zip of a model: it must hold exactly {files}, without folders.",
    "checkpoint_ratio": "{name} is packed more than {limit} times smaller than it claims to be, as no model is.",
    "checkpoint_too_large": "{name} has {size} bytes; at most {limit} are allowed.",
    "checkpoint_parameters": "The model asks for {count} parameters; at most {limit} are allowed.",
    "checkpoint_truncated": "{name} is not as long as it says: it was cut off or added to. Get the model again.",
    "checkpoint_changed": "{name} is not what was saved: its checksum differs. Get the model again.",
    "checkpoint_pickle": "{name} is a pickle or an archive under a false name. Such files may hide code.",
    "checkpoint_header": "The weights file is not a safetensors file of this model: {reason}.",
    "checkpoint_names": "The weights do not fit the settings: {name} is missing, or there and not asked for.",
    "checkpoint_dtype": "The weights {name} are of type {value}; allowed: {allowed}.",
    "checkpoint_shape": "The weights {name} have the shape {found}; the settings ask for {expected}.",
    "checkpoint_values": "The weights {name} hold a number that is not finite or beyond {limit}.",
    "checkpoint_overflow": "The network's output is not finite. The model cannot be used.",
    "checkpoint_json": "{name} is not as it was written: {reason}. Get the model again.",
    "checkpoint_format": "The config.json is not that of a DeepRNN model.",
    "checkpoint_version": "The model has format version {version}; this program reads version {known}. Update DeepRNN.",
    "checkpoint_config": "The config.json is refused: {reason}",
    "checkpoint_vocabulary": "The tokenizer has {found} symbols, the network {expected}. They do not belong together.",
    "network_too_large": "The network would have {parameters} parameters, but at most {most} are allowed. "
    "Take fewer layers or units.",
    # reasons inside other sentences, and where texts come from
    "why_child": "their process ended with code {code}",
    "why_disk_full": "{needed} MB are needed, {free} MB are free",
    "why_key_twice": "a key stands twice",
    "why_not_finite": "a number is not finite",
    "why_long_number": "a number is too long",
    "why_not_json": "it is no JSON at line {line}, column {column}",
    "why_not_utf8": "it is not UTF-8",
    "why_surrogate": "it holds a lone surrogate",
    "why_too_deep": "it is nested too deeply",
    "why_not_object": "it is not an object",
    "why_curve": "its curve is malformed",
    "why_name": "name is {value}, but must be 1 to {most} printable characters.",
    "why_no_hashes": "The hashes of the files are not there.",
    "why_beginning": "it does not begin as safetensors does",
    "why_header": "its header is not an object",
    "why_metadata": "its metadata are not words",
    "why_gaps": "its tensors overlap or leave gaps",
    "why_entry": "the entry of {tensor} is malformed",
    "why_place": "the place of {tensor} is malformed",
    "why_size": "the place of {tensor} has another size than its shape",
    "why_library": "its reader refuses it",
    "why_too_large": "too large",
    "why_http": "the server answered with code {code}",
    "why_many_bytes": "it has more than {most} bytes",
    "why_slow": "it took more than {seconds} s",
    "why_no_connection": "there is no connection to the server",
    "why_silence": "the server was silent for {seconds} s",
    "why_broken": "the answer cannot be read: {kind}",
    "source_time_machine": "H. G. Wells, 1895; Project Gutenberg 35, as in Dive into Deep Learning",
    "source_tiny_shakespeare": "William Shakespeare; selected for char-rnn",
    # training
    "exploded": "The loss exploded at step {step}. The model of step {kept} is kept. Try a lower learning rate.",
    "exploded_at_once": "The loss exploded at step {step}, before anything was learnt. Try a lower learning rate.",
    "text_too_short": "The text has {characters} characters; at least {needed} are needed. Add more text.",
    "device_missing": "This machine has no {name} device that torch can use. Choose cpu or auto.",
}


@dataclass(frozen=True)
class Message:
    """Say one thing to the user.

    Args:
        key: a key of `ENGLISH`.
        details: plain values for the placeholders of the sentence, or messages, for a reason in words.
    """

    key: str
    details: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the English sentence."""
        return ENGLISH[self.key].format(**self.details)


def message(key: str, **details: Any) -> Message:
    """Build a message.

    Raises:
        KeyError: the key has no English sentence, or the sentence has a placeholder without a detail.
    """
    built = Message(key, details)
    str(built)
    return built
