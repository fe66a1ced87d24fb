"""Running the model: one run, pairs, forks, pools of processes, results and stores."""
