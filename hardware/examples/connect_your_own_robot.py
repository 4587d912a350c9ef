#!/usr/bin/env python3
"""A robot that shares no code with phigrad: CommonRoad's single-track car at 1:10 scale drives the
figure-eight under the policies that a learner sends. The link is ZeroMQ, CBOR and rows of float64.

  connect_your_own_robot.py CONFIG ENDPOINT ROBOT.secret.json LEARNER.public.json [ROLLOUTS]
"""
import hashlib, json, math, struct, sys, time
import cbor2, numpy as np, zmq
from vehiclemodels.parameters_vehicle2 import parameters_vehicle2
from vehiclemodels.vehicle_dynamics_st import vehicle_dynamics_st

config, endpoint, keys, learner = sys.argv[1:5]
c, keys, learner = (json.load(open(f)) for f in (config, keys, learner))
R, LAP, DT = c["task"]["radius_m"], c["task"]["lap_s"], c["rollout"]["dt_s"]
STEPS, SPAN = c["policy"]["steps_per_segment"], c["policy"]["segment_s"] - DT
GAINS = np.array([c["controller"]["gains"][k] for k in ("kx", "ky", "kv", "kphi", "ka", "kw")])
LIMIT = np.array([c["controller"]["limits"][k] for k in ("throttle", "steer")])
HELLO, WELCOME, BEGIN, SAMPLES, SEGMENTS, END, ACK, CREDIT, POLICY, PING, PONG = range(1, 12)

# ---- the link: a header of 56 bytes (README, "The wire") and a payload ---------------------------
TABLE = [0] * 256
for i in range(256):
    r = i
    for _ in range(8):
        r = (r >> 1) ^ (0x82F63B78 if r & 1 else 0)
    TABLE[i] = r
def crc32c(data, crc=0):
    crc ^= 0xFFFFFFFF
    for b in data:
        crc = TABLE[(crc ^ b) & 255] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF
def connect():
    global socket  # ZeroMQ tries no more where the key was refused: each attempt takes a new one
    socket = zmq.Context.instance().socket(zmq.DEALER)
    socket.curve_serverkey = learner["curve_public"].encode()
    socket.curve_secretkey = keys["curve_secret"].encode()
    socket.curve_publickey = zmq.curve_public(keys["curve_secret"].encode())
    socket.linger = socket.sndtimeo = 1000
    socket.connect(endpoint)
    send(HELLO, {"protocol": 1, "robot_kind": c["robot"], "nx": 4, "nu": 2, "nz": 10, "period_s": DT,
                 "nonce": time.time_ns(), "software": "connect_your_own_robot.py"})
def send(kind, payload, count=0, rollout=0, version=0, first=0):
    data = payload if count else cbor2.dumps(payload)
    header = struct.pack("<4sHHIIQQQqI", b"PHGL", 1, kind, len(data), count, rollout, version, first,
                         time.monotonic_ns(), 0)
    try:
        socket.send_multipart([header + struct.pack("<I", crc32c(header + bytes(4) + data)), data])
    except zmq.Again:
        pass  # nobody takes it: the silence that follows says so
def receive(wait_ms):
    if not socket.poll(wait_ms):
        return None
    header, data = socket.recv_multipart()
    _, _, kind, _, count, _, version, first, sent_ns, _, _ = struct.unpack("<4sHHIIQQQqII", header)
    if kind == PING:
        number = cbor2.loads(data)["number"]
        send(PONG, {"number": number, "ping_ns": sent_ns, "received_ns": time.monotonic_ns()})
    return kind, count, first, data

# ---- the policy: network -> setpoint and gain corrections -> quadratic -> tracking law ------------
def task(t):
    s, w = t % LAP if t > LAP else t, 4 * math.pi / LAP
    side, arc = (1, math.pi - w * s) if s < LAP / 2 else (-1, w * (s - LAP / 2))
    v = side * w * R
    return np.array([R * (side + math.cos(arc)), R * math.sin(arc), v * math.sin(arc), -v * math.cos(arc)])
def phase(x, y, t):
    q = max(math.ceil(4 * (t % LAP if t > LAP else t) / LAP), 1)
    right = (q <= 2) if y > 0 else (q in (2, 3))
    turned = LAP / 4 * math.atan2(y, x - (R if right else -R)) / math.pi
    return LAP / 4 - turned if right else (LAP / 2 if y > 0 else LAP) + turned
def decide(theta, x, t):
    a = 2 * math.pi / LAP * phase(x[0], x[1], t)
    h = np.array([x[0], x[1], x[2] * math.cos(x[3]), x[2] * math.sin(x[3]), math.cos(a), math.sin(a)])
    at = 0
    for rows, columns in ((64, 6), (64, 64), (10, 64)):
        W = theta[at:at + rows * columns].reshape(rows, columns)
        at += rows * (columns + 1)
        h = np.tanh(W @ h + theta[at - rows:at])
    return np.append(task(t + SPAN), np.zeros(6)) + h * np.array(c["policy"]["scales"])
D = np.array([[1, 0, 0], [0, 1, 0], [1, SPAN, SPAN**2], [0, 1, 2 * SPAN]])
W = np.diag([10.0, 1, 10, 1])
FIT = np.linalg.solve(D.T @ W @ D, D.T @ W)
def act(x, before, z, since):
    s = since + DT
    p, v, a = (np.array([b @ FIT @ np.array([before[i], before[2 + i], z[i], z[2 + i]]) for i in (0, 1)])
               for b in (np.array([1, s, s * s]), np.array([0, 1, 2 * s]), np.array([0, 0, 2])))
    k, n = GAINS + z[4:], v / np.hypot(*v)
    w = v + k[:2] * (p - x[:2])
    turn = (math.atan2(w[1], w[0]) - x[3] + math.pi) % (2 * math.pi) - math.pi
    u = (k[4] * (n @ a) + k[2] * (np.hypot(*w) - x[2]),
         k[5] * (n[0] * a[1] - n[1] * a[0]) / np.hypot(*v) + k[3] * turn)
    return np.clip(u, -LIMIT, LIMIT)

# ---- the plant ------------------------------------------------------------------------------------
car = parameters_vehicle2()
car.a, car.b, car.h_s, car.m, car.I_z = car.a / 10, car.b / 10, car.h_s / 10, car.m / 1e3, car.I_z / 1e5
car.steering.v_min, car.steering.v_max = -3.2, 3.2
def drive(s, u):
    for _ in range(4):
        rate = max(min((0.5 * u[1] - s[2]) / 0.02, 3.2), -3.2)
        s = s + DT / 4 * np.array(vehicle_dynamics_st(list(s), [rate, 8 * u[0] - 0.3 * s[3]**2], car))
    return s
measured = lambda s: np.array([s[0], s[1], s[3], s[4] + s[6]])

connect()
wanted, chunks, theta, driven, done, silences = None, {}, None, 0, 0, 0
rng = np.random.default_rng(c["seed"])
while done < (int(sys.argv[5]) if len(sys.argv) > 5 else c["optimiser"]["iterations"]):
    message = receive(5000)
    if message is None:
        silences += 1
        if silences == 12:
            sys.exit("the learner is silent, or one of the two does not know the other's key")
        socket.close()
        connect()
        wanted, chunks, theta, driven = None, {}, None, 0
        continue
    silences = 0
    kind, count, first, data = message
    if kind == POLICY and count == 0:
        wanted, chunks = cbor2.loads(data), {}
    elif kind == POLICY and wanted:
        chunks[first] = data
        whole = b"".join(chunks[i] for i in sorted(chunks))
        if hashlib.blake2b(whole, digest_size=32).digest() == wanted["hash"]:
            theta = np.frombuffer(whole, "<f8")
    elif kind == ACK:
        done += cbor2.loads(data)["settled"]
    if theta is None or wanted["version"] <= driven:
        continue
    driven, t0 = wanted["version"], rng.uniform(0, LAP)
    p = task(t0)
    s = np.array([p[0], p[1], 0, np.hypot(*p[2:]), math.atan2(p[3], p[2]), 0, 0])
    before, rows, segments = np.append(p, np.zeros(6)), [], []
    send(BEGIN, {"rollout": driven, "policy_version": driven, "policy_hash": wanted["hash"],
                 "task_time_s": t0, "nx": 4, "nu": 2, "nz": 10, "setpoints": 0, "dt_s": DT,
                 "provenance": "single-track car", "before": list(before)}, rollout=driven, version=driven)
    for j in range(c["rollout"]["segments"]):
        t = t0 + len(rows) * DT
        z = decide(theta, measured(s), t)
        segments.append([len(rows), t, *measured(s), *z])
        for i in range(STEPS):
            u = act(measured(s), before, z, i * DT)
            rows.append([len(rows) * DT, *measured(s), *u])
            s = drive(s, u)
        before = z
    packed = [np.array(table, "<f8") for table in (rows, segments)]
    for kind, table in zip((SAMPLES, SEGMENTS), packed):
        for i in range(0, len(table), 500):
            send(kind, table[i:i + 500].tobytes(), len(table[i:i + 500]), driven, driven, i)
    send(END, {"rollout": driven, "samples": len(rows), "segments": len(segments), "reason": "complete",
               "samples_crc": crc32c(packed[0].tobytes()), "segments_crc": crc32c(packed[1].tobytes()),
               "events": []}, rollout=driven, version=driven)
socket.close()
