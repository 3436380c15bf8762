from governance.models.heartbeat import Heartbeat

__all__ = ["Heartbeat"]
