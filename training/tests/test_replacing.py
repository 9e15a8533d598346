import pytest

from common.replacing import replacing


def write(folder, text):
    folder.mkdir()
    (folder / "file.txt").write_text(text)


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / "folder", "earlier")
    return tmp_path / "folder"


def test_what_was_there_is_replaced_whole(folder):
    (folder / "other.txt").write_text("")
    with replacing(folder) as new:
        write(new, "new")
        assert (folder / "file.txt").read_text() == "earlier"
    assert [path.name for path in folder.iterdir()] == ["file.txt"] and (folder / "file.txt").read_text() == "new"
    assert list(folder.parent.iterdir()) == [folder]


def test_a_failure_leaves_what_was_there_and_nothing_else(folder):
    with pytest.raises(KeyboardInterrupt), replacing(folder) as new:
        write(new, "half")
        raise KeyboardInterrupt
    assert (folder / "file.txt").read_text() == "earlier" and list(folder.parent.iterdir()) == [folder]


def test_what_a_kill_left_between_the_renames_comes_back(folder):
    folder.rename(folder.with_name(".folder.former"))
    write(folder.with_name(".folder.part"), "half")
    with pytest.raises(OSError, match="full"), replacing(folder):
        raise OSError("the disk is full")
    assert (folder / "file.txt").read_text() == "earlier" and list(folder.parent.iterdir()) == [folder]


def test_a_new_folder_needs_no_earlier_one(tmp_path):
    with replacing(tmp_path / "deep/folder") as new:
        write(new, "new")
    assert (tmp_path / "deep/folder/file.txt").read_text() == "new"
