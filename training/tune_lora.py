"""Fine-tunes a LLaVA checkpoint on reduced visual tokens; see `python tune_lora.py --help` and README.md.

python tune_lora.py --model CHECKPOINT --data llava_v1_5_mix665k.json --images FOLDER --out ADAPTER
torchrun --nproc_per_node 4 tune_lora.py ...            # several GPUs"""

from tuning.settings import parse
from tuning.train import tune

if __name__ == "__main__":
    tune(parse())
