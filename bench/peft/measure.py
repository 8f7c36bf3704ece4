"""Training speed of PEFT on the rows of an Airlock recipe: the other side of `npm run -s bench -- rows`.

Float32 on the CPU, one batch a step padded to its longest row, rows in file order, loss on the answer tokens (the
end-of-turn token included). Prints one JSON object with the keys of the Airlock measurement. See README.md.
"""

import argparse
import csv
import json
import math
import platform
import re
import resource
import statistics
import sys
import time
from pathlib import Path

import peft
import torch
import transformers
import yaml

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def read_recipe(path: Path) -> dict:
    """The recipe with the defaults that matter here. Refuses what would give both sides different rows."""
    recipe = yaml.safe_load(path.read_text(encoding="utf-8"))
    train, data = recipe["train"], recipe["data"]
    refused = []
    if recipe.get("task") != "classification" or not isinstance(data["train"], str):
        refused.append("one training table of a classification")
    if train.get("shuffle", True):
        refused.append("train.shuffle: false")
    if recipe.get("balance", {}).get("method") != "none":
        refused.append("balance.method: none")
    if data.get("duplicates") != "keep" or any(data.get(key) for key in ("labels", "perClass", "split")):
        refused.append("data.duplicates: keep, without labels, perClass and split")
    if refused:
        sys.exit("This recipe does not name the same rows for both sides. Needed: " + "; ".join(refused))
    return recipe


def example_rows(recipe: dict, folder: Path, tokenizer) -> list[tuple[list[int], int]]:
    """Token ids of every row up to its last answer token, and the index of its first answer token."""
    columns, prompt = recipe["data"]["columns"], recipe["prompt"]

    def fill(template: str, row: dict) -> str:
        values = {**row, **{role: row[column] for role, column in columns.items()}}
        return re.sub(r"\{(\w+)\}", lambda found: values[found.group(1)].strip(), template)

    rows = []
    with open(folder / recipe["data"]["train"], encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            messages = [{"role": "user", "content": fill(prompt["user"], row)}]
            if prompt.get("system"):
                messages.insert(0, {"role": "system", "content": prompt["system"]})
            head = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
            answer = fill(prompt.get("answer", "{label}"), row) + tokenizer.eos_token
            begin = len(tokenizer.encode(head, add_special_tokens=False))
            ids = tokenizer.encode(head + answer, add_special_tokens=False)
            if len(ids) <= recipe["train"].get("maxLength", 512):
                rows.append((ids, begin))
    return rows


def padded(batch: list[tuple[list[int], int]]) -> dict[str, torch.Tensor]:
    """Batch padded on the right; labels are -100 outside the answers."""
    longest = max(len(ids) for ids, _ in batch)
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    mask = torch.zeros_like(ids)
    labels = torch.full_like(ids, -100)
    for i, (row, begin) in enumerate(batch):
        ids[i, : len(row)] = torch.tensor(row)
        mask[i, : len(row)] = 1
        labels[i, begin : len(row)] = ids[i, begin : len(row)]
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def learning_rate(train: dict, step: int, steps: int) -> float:
    """Airlock's schedule: linear warm-up, then cosine, linear or constant."""
    top, warmup = float(train["learningRate"]), train.get("warmup", 0.1)
    ramp = round(warmup) if warmup > 1 else max(1, round(warmup * steps))
    if step < ramp:
        return top * (step + 1) / ramp
    kind = train.get("schedule", "cosine")
    if kind == "constant":
        return top
    share = (step - ramp) / (steps - ramp)
    return top * (1 - share) if kind == "linear" else top * 0.5 * (1 + math.cos(math.pi * share))


def adapted(recipe: dict, gguf: Path, attention: str):
    """The base from the GGUF file in float32 with a fresh LoRA adapter."""
    model = transformers.AutoModelForCausalLM.from_pretrained(
        gguf.parent, gguf_file=gguf.name, dtype=torch.float32, attn_implementation=attention
    )
    method = recipe["method"]
    targets = method.get("targets", ["q_proj", "v_proj"])
    config = peft.LoraConfig(
        r=method.get("rank", 16),
        lora_alpha=method.get("alpha", 32),
        lora_dropout=method.get("dropout", 0.1),
        target_modules=TARGETS if targets == "all-linear" else targets,
        task_type="CAUSAL_LM",
    )
    model = peft.get_peft_model(model, config)
    model.config.use_cache = False
    return model.train()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--gguf", type=Path, required=True, help="base model")
    parser.add_argument("--steps", type=int, default=8, help="steps that count")
    parser.add_argument("--exclude", type=int, default=2, help="steps before them that do not count")
    parser.add_argument("--threads", type=int, default=0, help="0: as many as PyTorch chooses")
    parser.add_argument("--attention", default="sdpa", choices=["sdpa", "eager"])
    options = parser.parse_args()
    if options.threads > 0:
        torch.set_num_threads(options.threads)
    transformers.utils.logging.disable_progress_bar()
    recipe = read_recipe(options.recipe)
    torch.manual_seed(recipe.get("seed", 42))
    gguf = options.gguf.resolve()
    tokenizer = transformers.AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    rows = example_rows(recipe, options.recipe.resolve().parent, tokenizer)
    model = adapted(recipe, gguf, options.attention)
    print(json.dumps(train_steps(recipe, rows, model, options)))


def train_steps(recipe: dict, rows: list[tuple[list[int], int]], model, options) -> dict:
    """Runs the steps; a step is timed from making its batch to the end of the update."""
    train = recipe["train"]
    size = train.get("batchSize", 32)
    total = max(1, math.ceil(math.ceil(len(rows) / size) * train.get("epochs", 3)))
    total = min(total, train.get("maxSteps") or total)
    per_epoch = math.ceil(len(rows) / size)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=0.0, weight_decay=train.get("weightDecay", 0.01))
    clip = train.get("maxGradNorm", 1.0)
    seconds, sizes, tokens, losses = [], [], [], []
    for step in range(min(total, options.exclude + options.steps)):
        began = time.perf_counter()
        batch = rows[(step % per_epoch) * size : (step % per_epoch + 1) * size]
        optimizer.param_groups[0]["lr"] = learning_rate(train, step, total)
        loss = model(**padded(batch)).loss
        loss.backward()
        if clip:
            torch.nn.utils.clip_grad_norm_(parameters, clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        seconds.append(time.perf_counter() - began)
        sizes.append(len(batch))
        tokens.append(sum(len(ids) for ids, _ in batch))
        losses.append(float(loss.detach()))
        print(f"step {step + 1}: {seconds[-1]:.2f} s, loss {losses[-1]:.4f}", file=sys.stderr)
    counted = slice(options.exclude, None)
    if not seconds[counted]:
        sys.exit("No step is left after the excluded ones.")
    wall = sum(seconds[counted])
    return {
        "command": "peft",
        "recipe": str(options.recipe),
        "steps": len(seconds[counted]),
        "excludedSteps": options.exclude,
        "secondsPerStep": statistics.median(seconds[counted]),
        "rowsPerSecond": sum(sizes[counted]) / wall,
        "tokensPerSecond": sum(tokens[counted]) / wall,
        "peakMemoryBytes": peak_memory(),
        "precision": "fp32",
        "attention": options.attention,
        "losses": losses,
        "threads": torch.get_num_threads(),
        "cpu": processor(),
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__},
    }


def peak_memory() -> int:
    """Largest resident memory of this process in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text()).group(1)) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if platform.system() == "Darwin" else peak * 1024


def processor() -> str:
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", info.read_text()) if info.exists() else None
    return found.group(1).strip() if found else platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
