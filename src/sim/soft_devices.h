#ifndef TAKTGATE_SIM_SOFT_DEVICES_H_
#define TAKTGATE_SIM_SOFT_DEVICES_H_

#include "sim/soft_belt.h"
#include "sim/soft_camera.h"
#include "sim/soft_door.h"
#include "sim/soft_model.h"
#include "sim/soft_people.h"
#include "sim/soft_plc.h"
#include "sim/soft_wires.h"
#include "sim/soft_world.h"

namespace taktgate::sim {

// All that is around a station. Each knows only those before it; what they tell the station goes
// through its door.
struct SoftDevices {
  explicit SoftDevices(SoftWorld& world)
      : door(world),
        plc(world, door),
        camera(world, door),
        belt(world, wires, door, plc, camera),
        model(world, belt, camera, door),
        people(world, belt, door) {}

  SoftWires wires;
  SoftDoor door;
  SoftPlc plc;
  SoftCamera camera;
  SoftBelt belt;
  SoftModel model;
  SoftPeople people;
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_SOFT_DEVICES_H_
