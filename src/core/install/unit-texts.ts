// The unit files of an installed factory, as texts: every line that is not obvious says why it is there.

import { currentProgram, heartbeatFile, inputsFolder, silenceFolder, type Layout } from './layout.ts';

/** Silence of the scheduler after which the service manager restarts the daemon; it passes every 15 s at the latest. */
const WATCHDOG_SECONDS = 60;
/** Silence after which people are told: longer than a restart takes, however busy the machine is. */
const SILENCE_SECONDS = 300;

/** What the daemon may not do; systemd-analyze security rates the rest. */
const HARDENING = `# KILL: signals to agents, who run as other users; stop plans ask before they kill. CHOWN: their input files become theirs.
CapabilityBoundingSet=CAP_KILL CAP_CHOWN
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectHostname=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service`;

/** The daemon; `credentials`: names of the secrets that it is given. */
export function serviceUnit(place: Layout, credentials: readonly string[] = []): string {
  const adf = `${currentProgram(place)}/bin/adf`;
  return `# Written by adf install; changes belong into adf.service.d/*.conf.
[Unit]
Description=Dark Factory, runs coding agents unattended
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=300
StartLimitBurst=10

[Service]
Type=notify
# The message comes from a child: the daemon has no datagram sockets of its own.
NotifyAccess=all
ExecStart=${adf} start --config ${place.config}
ExecReload=${adf} reload --config ${place.config}
Restart=always
RestartSec=2
WatchdogSec=${WATCHDOG_SECONDS}
TimeoutStartSec=300
TimeoutStopSec=30
# Whom the daemon has sent to the manager is not told to stop before the daemon itself is gone.
KillMode=mixed
# Agents are units of their own: they outlive a stop, and their memory is never the daemon's problem.
OOMPolicy=continue
OOMScoreAdjust=-500

# Root, because only root may ask the machine's manager for units of other users; without root's powers, see below.
Group=${place.operators}
UMask=0077
StateDirectory=adf
StateDirectoryMode=0700
RuntimeDirectory=adf
RuntimeDirectoryMode=0750
# Orders of starts under way lie there: they outlive the daemon that gave them.
RuntimeDirectoryPreserve=yes
CacheDirectory=adf
CacheDirectoryMode=0700
ReadWritePaths=-${place.pauseDir} ${inputsFolder(place.stateDir)} -${place.workspaceDir}
${credentialLines(place, credentials)}
${HARDENING}

[Install]
WantedBy=multi-user.target
`;
}

/** A file that is not there is an empty secret: without a default the manager (systemd 252) would not start the service. */
function credentialLines({ credentials: folder }: Layout, names: readonly string[]): string {
  const lines = names.flatMap((name) => [`LoadCredential=${name}:${folder}/${name}`, `SetCredential=${name}:\\n`]);
  return lines.length === 0
    ? ''
    : `# What agents.toml names as credential:NAME; empty where there is no such file, and read again at each restart.\n${lines.join('\n')}\n`;
}

/** The ceiling of all agents together. */
export function sliceUnit(): string {
  return `# Written by adf install; changes belong into adf-agents.slice.d/*.conf.
[Unit]
Description=Agents of Dark Factory

[Slice]
# The machine stays usable, and the daemon stays alive, whatever all agents do together.
MemoryMax=85%
TasksMax=80%
CPUWeight=50
IOWeight=50
`;
}

/** Looks whether the scheduler still passes. */
export function deadmanUnit(place: Layout): string {
  return `# Written by adf install.
[Unit]
Description=Dark Factory, looks whether the daemon is silent

[Service]
Type=oneshot
ExecStart=/bin/sh ${deadmanScriptPath(place)}
CapabilityBoundingSet=
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=${place.stateDir}
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateNetwork=yes
`;
}

/** When it looks. */
export function deadmanTimer(): string {
  return `# Written by adf install.
[Unit]
Description=Dark Factory, looks every minute whether the daemon is silent

[Timer]
OnBootSec=${SILENCE_SECONDS}
OnUnitInactiveSec=60
AccuracySec=1

[Install]
WantedBy=timers.target
`;
}

/** Where the dead-man's script lies: not below \`current\`, so that it works while that is being replaced. */
export function deadmanScriptPath({ programs }: Layout): string {
  return `${programs}/deadman.sh`;
}

/** The dead-man: knows one file's age and nothing of the factory, so that nothing of the factory can break it. */
export function deadmanScript({ stateDir }: Layout): string {
  const silences = silenceFolder(stateDir);
  return `#!/bin/sh
# Written by adf install. Says once per silence that the daemon is silent; never opens the ledger.
set -eu
beat=${heartbeatFile(stateDir)}
limit=\${1:-${SILENCE_SECONDS}}
[ -e "$beat" ] || exit 0
# Stopped by a person is no silence; failed is one.
case $(systemctl show --property=ActiveState --value adf.service) in inactive|deactivating) exit 0 ;; esac
last=$(stat -c %Y "$beat")
age=$(($(date +%s) - last))
[ "$age" -gt "$limit" ] || exit 0
note=${silences}/$last
[ ! -e "$note" ] || exit 0
mkdir -p ${silences}
echo "<0>adf: no pass of the scheduler for $age s: systemctl status adf; journalctl --unit adf"
echo "$age" >"$note.new"
mv "$note.new" "$note"
`;
}

/** The first agents.toml; holds no secret, because everybody may read it. */
export function firstConfig(place: Layout): string {
  return `# Written by adf install, once; it is yours now. Keys: adf explain. Check: adf check. Put into force: adf reload.
[factory]
state_dir = "${place.stateDir}"
pause_dir = "${place.pauseDir}"
socket = "${place.socket}"
host = "systemd"
enforcement = "kernel"
sandbox = "standard"
workspace_dir = "${place.workspaceDir}"
`;
}
