"""Print the constants of the car by arrondissement that reproduce the census shares.

    python tools/solve_mode_constants.py

The values belong into ``sim77/registry/parameters.yaml``; how they are solved is said in
`sim77.analysis.calibrate.mode_constants`, which a calibration uses too.
"""

from sim77.analysis.calibrate.mode_constants import NAMES, solve_mode_constants
from sim77.analysis.calibrate.targets import calibration_rows
from sim77.registry.parameters import load_parameters


def main() -> None:
    """Print each constant with the share by rail that it gives and the one wanted."""
    percent = {str(name): float(value) for name, value in calibration_rows()["value"].items()}
    solved = solve_mode_constants(percent, mu_modes=(load_parameters()["mu_mode"].value,))
    for name, value, share, wanted in zip(
        NAMES, solved.values[0], solved.shares[0], solved.targets, strict=True
    ):
        print(f"{name}: {value:.3f}   share by rail {share:.4f}, target {wanted:.4f}")


if __name__ == "__main__":
    main()
