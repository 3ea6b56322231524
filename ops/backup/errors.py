"""Why a backup can't be made, or must not be trusted.

Problem                 str(error) says what to do
├── StoreUnavailable    the store does not answer
├── StoreFull           no room, on this machine or in the store
├── StoreBusy           another process is at it
├── TakenOver           another host writes backups of this network there
├── NoBackup            there is no backup at this place
├── Truncated           something that the manifest names is missing or too short
├── Tampered            something is not what the manifest says
├── WrongSignature      not signed by the network that it should be of
├── WrongIdentity       encrypted to others
├── OtherFormat         made by another version of Parvis
└── Occupied            the database to restore into has people in it
"""

from domain.core.errors import Refused


class Problem(Refused):
    code = "backup"


class StoreUnavailable(Problem):
    code = "backup-away"


class StoreFull(Problem):
    code = "backup-full"


class StoreBusy(Problem):
    code = "backup-busy"


class TakenOver(Problem):
    code = "backup-taken-over"


class NoBackup(Problem):
    code = "backup-none"


class Truncated(Problem):
    code = "backup-truncated"


class Tampered(Problem):
    code = "backup-tampered"


class WrongSignature(Problem):
    code = "backup-signature"


class WrongIdentity(Problem):
    code = "backup-identity"


class OtherFormat(Problem):
    code = "backup-format"


class Occupied(Problem):
    code = "backup-occupied"
