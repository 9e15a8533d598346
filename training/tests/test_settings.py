"""The command line of fine-tuning: options out of range are refused before anything is loaded."""

import pytest

pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[train]'")

from tuning.settings import parse

REQUIRED = ["--model", "base", "--data", "data.json", "--images", "images", "--out", "out"]


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--rank", "0", "a whole number of at least 1"),
        ("--rank", "1.5", "a whole number of at least 1"),
        ("--alpha", "0", "a number above 0"),
        ("--alpha", "inf", "a number above 0"),
        ("--dropout", "7", "a number of at least 0 and below 1"),
        ("--dropout", "-0.1", "a number of at least 0 and below 1"),
        ("--rate", "0", "a number above 0"),
        ("--rate", "nan", "a number above 0"),
        ("--projector-rate", "-0.5", "a number of at least 0"),
        ("--warmup", "3", "a number from 0 to 1"),
        ("--batch", "-5", "a whole number of at least 1"),
        ("--micro-batch", "-1", "a whole number of at least 1"),
        ("--epochs", "0", "a whole number of at least 1"),
        ("--longest", "-1", "a whole number of at least 2"),
        ("--clip", "0", "a number above 0"),
        ("--workers", "-1", "a whole number of at least 0"),
        ("--seed", "-1", "a whole number of at least 0 and below 1099511627776"),
        ("--limit", "0", "a whole number of at least 1"),
        ("--limit", "-3", "a whole number of at least 1"),
        ("--save-minutes", "-1", "a number of at least 0"),
        ("--stop-after", "-1", "a whole number of at least 1"),
    ],
)
def test_options_out_of_range_are_refused(option, value, expected, capsys):
    with pytest.raises(SystemExit):
        parse([*REQUIRED, option, value])
    assert f"argument {option}: expected {expected}, found {value}\n" in capsys.readouterr().err


def test_a_misspelt_method_is_refused(capsys):
    with pytest.raises(SystemExit):
        parse([*REQUIRED, "--reduce", "prumerge,prumerj"])
    assert "argument --reduce: method 'prumerj': expected none, prumerge" in capsys.readouterr().err


def test_the_ends_of_the_ranges_are_taken():
    ends = ["--dropout", "0", "--warmup", "1", "--projector-rate", "0", "--save-minutes", "0", "--workers", "0"]
    settings = parse([*REQUIRED, *ends, "--micro-batch", "1", "--longest", "2", "--limit", "1"])
    assert (settings.dropout, settings.warmup, settings.save_minutes, settings.workers) == (0, 1, 0, 0)
    assert (settings.micro_batch, settings.longest, settings.limit) == (1, 2, 1)
    assert isinstance(settings.dropout, float) and isinstance(settings.rank, int)
