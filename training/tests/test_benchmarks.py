"""The committed benchmarks: their format by the rules of the real ones, their truth by an independent oracle."""

import re
from collections import Counter, defaultdict

import oracle
from committed import POCKET, lines, read, rows_of_mmbench

from benchmarks import mmbench
from pocket_world.compose import compose
from pocket_world.splits import SPLITS

SHORT = "\nAnswer the question using a single word or phrase."


def test_vqav2_questions_annotations_and_llavas_file_cover_the_same():
    questions = read("vqav2/v2_OpenEnded_mscoco_val2014_questions.json")
    annotations = read("vqav2/v2_mscoco_val2014_annotations.json")
    assert set(questions) == {"info", "task_type", "data_type", "data_subtype", "license", "questions"}
    assert set(annotations) == {"info", "data_type", "data_subtype", "license", "annotations"}
    asked = {row["question_id"]: row for row in questions["questions"]}
    labelled = {row["question_id"]: row for row in annotations["annotations"]}
    posed = {row["question_id"]: row for row in lines("vqav2/llava_vqav2_mscoco_val2014.jsonl")}
    assert len(asked) == 300 and set(asked) == set(labelled) == set(posed)
    for question_id, row in asked.items():
        image = f"COCO_val2014_{row['image_id']:012d}.jpg"
        assert (POCKET / "vqav2/val2014" / image).is_file()
        assert posed[question_id] == {
            "question_id": question_id,
            "image": image,
            "text": row["question"] + SHORT,
            "category": "default",
        }
        label = labelled[question_id]
        assert set(label) == {
            "question_type",
            "multiple_choice_answer",
            "answers",
            "image_id",
            "answer_type",
            "question_id",
        }
        assert [answer["answer_id"] for answer in label["answers"]] == list(range(1, 11))
        said = Counter(answer["answer"] for answer in label["answers"])
        assert said.most_common(1)[0][0] == label["multiple_choice_answer"] and said.most_common(1)[0][1] >= 7
        assert all(answer == answer.lower() for answer in said)
        assert label["answer_type"] in ("yes/no", "number", "other") and label["image_id"] == row["image_id"]


def test_vqav2_answers_are_true():
    labels = {
        row["question_id"]: row["multiple_choice_answer"]
        for row in read("vqav2/v2_mscoco_val2014_annotations.json")["annotations"]
    }
    families = read("vqav2/details.json")["families"]
    checked = 0
    for row in read("vqav2/v2_OpenEnded_mscoco_val2014_questions.json")["questions"]:
        family = next(name for name, ids in families.items() if row["question_id"] in ids)
        truth = oracle.answer(compose(row["image_id"]), family, row["question"])
        assert truth in (None, labels[row["question_id"]]), row
        checked += truth is not None
    assert checked > 200


def test_gqa_has_programs_and_the_same_questions_as_llavas_file():
    entries = read("gqa/data/questions1.2/testdev_balanced_questions.json")
    posed = lines("gqa/llava_gqa_testdev_balanced.jsonl")
    assert [row["question_id"] for row in posed] == list(entries) and len(entries) == 300
    fields = {
        "semantic",
        "entailed",
        "equivalent",
        "question",
        "imageId",
        "isBalanced",
        "groups",
        "answer",
        "semanticStr",
    }
    structural, semantic = set(), set()
    for row in posed:
        entry = entries[row["question_id"]]
        assert set(entry) == fields | {"annotations", "types", "fullAnswer"}
        assert row["text"] == entry["question"] + SHORT and row["image"] == entry["imageId"] + ".jpg"
        assert re.fullmatch(r"n\d{6}", entry["imageId"]) and (POCKET / "gqa/data/images" / row["image"]).is_file()
        assert entry["answer"] == entry["answer"].lower()
        for place, step in enumerate(entry["semantic"]):
            assert set(step) == {"operation", "dependencies", "argument"}
            assert all(0 <= dependency < place for dependency in step["dependencies"])
        assert len(entry["semanticStr"].split("->")) == len(entry["semantic"])
        structural.add(entry["types"]["structural"])
        semantic.add(entry["types"]["semantic"])
        words = entry["question"].rstrip("?").lower().replace(",", "").split()
        assert all(int(place) < len(words) for place in entry["annotations"]["question"])
    assert structural == {"query", "verify", "logical", "choose", "compare"}
    assert semantic == {"obj", "attr", "cat", "rel", "global"}


def test_gqa_answers_are_true():
    entries = read("gqa/data/questions1.2/testdev_balanced_questions.json")
    families = read("gqa/details.json")["families"]
    base = SPLITS["test"][1_000_000]
    checked = 0
    for question_id, entry in entries.items():
        family = next(name for name, ids in families.items() if question_id in ids)
        scene = compose(base + int(entry["imageId"][1:]) - 100_000)
        truth = oracle.answer(scene, family, entry["question"])
        assert truth in (None, entry["answer"]), entry
        checked += truth is not None
    assert checked > 150


def test_scienceqa_files_agree():
    problems = read("scienceqa/problems.json")
    splits = read("scienceqa/pid_splits.json")
    entries = read("scienceqa/llava_test_CQM-A.json")
    assert set(splits) == {"train", "val", "test", "trainval", "minitrain", "minival", "minitest"}
    assert splits["test"] == list(problems) == [entry["id"] for entry in entries]
    pictured = 0
    for entry in entries:
        problem = problems[entry["id"]]
        assert 2 <= len(problem["choices"]) <= 5 and 0 <= problem["answer"] < len(problem["choices"])
        assert {"task", "grade", "subject", "topic", "category", "skill", "lecture", "solution", "split"} < set(problem)
        human, gpt = entry["conversations"]
        assert gpt == {"from": "gpt", "value": "ABCDE"[problem["answer"]]}
        context = f"Context: {problem['hint']}\n" if problem["hint"] else ""
        options = "\n".join(f"{letter}. {choice}" for letter, choice in zip("ABCDE", problem["choices"], strict=False))
        picture = "<image>\n" if problem["image"] else ""
        assert human["value"] == f"{picture}{context}{problem['question']}\n{options}"
        assert ("image" in entry) == bool(problem["image"])
        if problem["image"]:
            assert entry["image"] == f"{entry['id']}/image.png"
            assert (POCKET / "scienceqa/images/test" / entry["image"]).is_file()
            pictured += 1
    assert pictured == 250 and len(problems) == 300
    assert {entry for entry in read("scienceqa/details.json")["families"]["choice"]} == {
        p for p in problems if problems[p]["image"]
    }


def test_textvqa_files_agree():
    data = read("textvqa/TextVQA_0.5.1_val.json")
    recognised = {row["image_id"]: row for row in read("textvqa/TextVQA_Rosetta_OCR_v0.2_val.json")["data"]}
    with_tokens = lines("textvqa/llava_textvqa_val_v051_ocr.jsonl")
    without = lines("textvqa/llava_textvqa_val_v051.jsonl")
    assert data["dataset_version"] == "0.5.1" and len(data["data"]) == len(with_tokens) == len(without) == 300
    keys = set()
    for row, posed, bare in zip(data["data"], with_tokens, without, strict=True):
        assert len(row["answers"]) == 10 and row["set_name"] == "val" and row["image_width"] == 336
        assert re.fullmatch("[0-9a-f]{16}", row["image_id"])
        assert (POCKET / "textvqa/train_images" / f"{row['image_id']}.jpg").is_file()
        tokens = ", ".join(recognised[row["image_id"]]["ocr_tokens"])
        assert posed["text"] == f"{row['question']}\nReference OCR token: {tokens}{SHORT}"
        assert bare["text"] == row["question"] + SHORT
        assert posed["question_id"] == bare["question_id"] == row["image_id"]
        keys.add((row["image_id"], row["question"].lower()))
        assert Counter(answer.lower() for answer in row["answers"]).most_common(1)[0][1] >= 7
    assert len(keys) == 300
    assert any(not row["ocr_tokens"] for row in recognised.values())


def test_popes_files_draw_their_positives_by_themselves_and_share_most():
    found = Counter()
    for category in ("random", "popular", "adversarial"):
        rows = lines(f"pope/coco/coco_pope_{category}.json")
        found.update((row["image"], row["text"]) for row in rows if row["label"] == "yes")
    shared = sum(count for count in found.values() if count > 1)
    assert found.total() == 450 and 0.5 < shared / 450 < 0.95


def test_pope_asks_three_present_and_three_absent_kinds_of_each_picture():
    posed = defaultdict(list)
    for row in lines("pope/llava_pope_test.jsonl"):
        posed[row["category"]].append(row)
    assert list(posed) == ["adversarial", "random", "popular"]
    first = {"adversarial": 1, "random": 10_000_001, "popular": 20_000_001}
    for category, rows in posed.items():
        official = lines(f"pope/coco/coco_pope_{category}.json")
        assert len(official) == len(rows) == 300
        for place, (label, row) in enumerate(zip(official, rows, strict=True)):
            assert set(label) == {"question_id", "image", "text", "label"} and label["question_id"] == place + 1
            assert row["question_id"] == first[category] + place
            assert (row["image"], row["text"]) == (label["image"], label["text"] + SHORT)
            assert (POCKET / "vqav2/val2014" / label["image"]).is_file()
            scene = compose(int(label["image"][13:25]))
            assert oracle.existence(scene, label["text"]) == label["label"]
        assert Counter(label["label"] for label in official) == {"yes": 150, "no": 150}
        per_picture = Counter(label["image"] for label in official)
        assert len(per_picture) == 50 and set(per_picture.values()) == {6}


def test_mme_folders_pairs_and_llavas_file_agree():
    posed = lines("mme/llava_mme.jsonl")
    release = POCKET / "mme/MME_Benchmark_release_version"
    seen = []
    for task in ("existence", "count", "position", "color", "OCR", "scene", "commonsense_reasoning"):
        folder = release / task
        texts = folder / "questions_answers_YN" if task == "scene" else folder
        results = []
        for file in sorted(texts.glob("*.txt")):
            picture = (folder / "images" if task == "scene" else folder) / f"{file.stem}.jpg"
            assert picture.is_file()
            pair = [line.split("\t") for line in file.read_text().splitlines()]
            assert [answer for _, answer in pair] == ["Yes", "No"]
            assert all(question.endswith("? Please answer yes or no.") for question, _ in pair)
            results += [f"{picture.name}\t{question}\t{answer}" for question, answer in pair]
            seen += [(str(picture.relative_to(release)), question) for question, _ in pair]
        assert len(results) == 44
        assert (POCKET / f"mme/eval_tool/Your_Results/{task}.txt").read_text().splitlines() == results
    restored = [(row["question_id"], row["text"].replace(SHORT, " Please answer yes or no.")) for row in posed]
    assert restored == seen and all(row["image"] == row["question_id"] for row in posed)


def test_mmbench_rows_rotate():
    rows = rows_of_mmbench()
    assert list(rows[0]) == list(mmbench.COLUMNS)
    groups = defaultdict(list)
    for row in rows:
        groups[int(row["index"]) % 1_000_000].append(row)
    assert len(groups) == 100
    sizes = Counter()
    for base, group in groups.items():
        options = [[row[letter] for letter in "ABCD" if row[letter]] for row in group]
        fixed = options[0][-1] == "All of the above"
        sizes[len(options[0]), len(group)] += 1
        assert len(group) == len(options[0]) - fixed
        for turn, row in enumerate(group):
            assert int(row["index"]) == base + turn * 1_000_000
            assert row[row["answer"]] == group[0][group[0]["answer"]]
            assert all(row[column] == group[0][column] for column in ("question", "hint", "image", "category", "split"))
            if turn:
                before, now = options[turn - 1], options[turn]
                count = len(now) - fixed
                assert now[:count] == [before[count - 1], *before[: count - 1]] and now[count:] == before[count:]
    assert sizes == {(4, 4): 72, (4, 3): 4, (3, 3): 14, (2, 2): 10}
    assert any("\n" in row["hint"] for row in rows)
