from __future__ import annotations

from swither.cli import main


def test_a_folder_without_a_model_predicts_or_a_traceback_is_shown(tmp_path, capsys):
    assert main(["predict", str(tmp_path), str(tmp_path)]) != 0
    assert "no image in" in capsys.readouterr().err
    (tmp_path / "a.png").write_bytes(b"")
    assert main(["predict", str(tmp_path / "model"), str(tmp_path), "--out", str(tmp_path / "out.csv")]) != 0
    said = capsys.readouterr().err
    assert "no exported model" in " ".join(said.split())
    assert not (tmp_path / "out.csv").exists()


def test_a_project_that_never_trained_exports_a_model(tmp_path, capsys):
    (tmp_path / "photos").mkdir()
    assert main(["init", str(tmp_path / "photos")]) == 0
    assert main(["export", "model", str(tmp_path / "photos"), "--out", str(tmp_path / "model")]) != 0
    assert "Nothing has been trained" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "model").exists()


def test_a_target_that_is_a_folder_is_refused_before_the_model_is_opened(tmp_path, capsys):
    (tmp_path / "a.png").write_bytes(b"")
    (tmp_path / "out.csv").mkdir()
    assert main(["predict", str(tmp_path / "model"), str(tmp_path), "--out", str(tmp_path / "out.csv")]) != 0
    assert "it is a folder" in " ".join(capsys.readouterr().err.split())
