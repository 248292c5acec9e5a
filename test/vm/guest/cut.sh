#!/bin/sh
# Ten runs on their way, and then the power goes; says before which runs had ended as far as a client was told.
set -eu
systemctl start adf
for agent in 0 1 2 3 4 5 6 7 8 9; do
  printf '\n[[agents]]\nproject = "web"\nname = "cut%s"\nlayer = "Growth"\ncli_tool = "sh"\ntask = "echo begun; while :; do sleep 1; done"\n' "$agent"
done >>/etc/adf/agents.toml
cat >>/etc/adf/agents.toml <<'TOML'

[[agents]]
project = "web"
name = "tick"
layer = "Core"
cli_tool = "sh"
task = "true"
schedule = "* * * * *"
TOML
adf reload
for agent in 0 1 2 3 4 5 6 7 8 9; do adf run "web/cut$agent" >/dev/null; done
until [ "$(systemctl list-units --plain --no-legend 'adf-web-cut*' | wc -l)" = 10 ]; do sleep 1; done
printf '@seen '
adf runs --json --limit 200 | tr -d '\n'
echo
echo '@cut'
sleep 600
