"""A LLaVA checkpoint of random weights and LLaVA-format data, small enough to be trained in a test."""

import json
import random

from PIL import Image, ImageDraw
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    CLIPImageProcessor,
    CLIPVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    PreTrainedTokenizerFast,
)

COLOURS = ("red", "green", "blue", "yellow")
TEMPLATE = (
    "{% for message in messages %}{{ message['role'].upper() + ': ' }}"
    "{% for part in message['content'] if part['type'] == 'image' %}{{ '<image>\n' }}{% endfor %}"
    "{% for part in message['content'] if part['type'] == 'text' %}{{ part['text'] }}{% endfor %}"
    "{{ ' ' if message['role'] == 'user' else '</s>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}"
)


def write_checkpoint(folder, tied=True):
    """64 patches of a 112 x 112 picture; two layers of width 48 on either side."""
    import torch

    torch.set_num_threads(1)  # threads cost more than they give at this size
    torch.manual_seed(3)
    tokenizer = make_tokenizer()
    tokenizer.save_pretrained(folder)
    CLIPImageProcessor(size={"shortest_edge": 112}, crop_size={"height": 112, "width": 112}).save_pretrained(folder)
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(
            hidden_size=48,
            intermediate_size=96,
            num_hidden_layers=3,
            num_attention_heads=4,
            image_size=112,
            patch_size=14,
            projection_dim=48,
            initializer_factor=3.0,  # so that attention is not all alike
        ),
        text_config=LlamaConfig(
            hidden_size=48,
            intermediate_size=96,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            vocab_size=len(tokenizer),
            max_position_embeddings=512,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
            tie_word_embeddings=tied,
            initializer_range=0.3,
        ),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        image_seq_length=64,
        vision_feature_layer=-2,
        vision_feature_select_strategy="default",
        tie_word_embeddings=tied,
    )
    model = LlavaForConditionalGeneration(config)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.save_pretrained(folder)
    return folder


def write_data(folder, count=10, seed=0):
    """`data.json` and `images/`: coloured pictures of several shapes, every fourth conversation without one."""
    dice = random.Random(seed)
    (folder / "images/deep").mkdir(parents=True)
    items = []
    for number in range(count):
        if number % 4 == 3:
            items.append(_item(number, ("What is two and two?", "four"), ("And one more?", "five")))
            continue
        colour = dice.choice(COLOURS)
        name = f"deep/{number}.png" if number % 2 else f"{number}.jpg"
        picture = Image.new("RGB", dice.choice([(112, 112), (150, 90), (60, 130)]), "white")
        ImageDraw.Draw(picture).ellipse((10, 10, 55, 70), fill=colour)
        picture.save(folder / "images" / name)
        turns = [("<image>\nWhat color is it?", colour), ("Is it red?", "yes" if colour == "red" else "no")]
        items.append(_item(number, *turns[: 1 + number % 2], image=name))
    (folder / "data.json").write_text(json.dumps(items))
    return items


def _item(number, *turns, image=None):
    parts = [
        {"from": who, "value": text}
        for question, answer in turns
        for who, text in (("human", question), ("gpt", answer))
    ]
    return {"id": str(number), **({"image": image} if image else {}), "conversations": parts}


def make_tokenizer():
    own = Tokenizer(models.BPE(unk_token=None))
    own.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    own.decoder = decoders.ByteLevel()
    special = ["<unk>", "<s>", "</s>", "<pad>", "<image>"]
    trainer = trainers.BpeTrainer(
        vocab_size=340, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    text = "USER: What color is it? ASSISTANT: red green blue yellow Is it red? yes no What is two and two? four five"
    own.train_from_iterator([text], trainer)
    begin = own.token_to_id("<s>")
    own.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", begin)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=own,
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
        chat_template=TEMPLATE,
        clean_up_tokenization_spaces=False,
        model_max_length=512,
    )
