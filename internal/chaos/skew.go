package chaos

// clockStep is the environment variable by which a server that was built for it sets its clock wrong, in seconds.
const clockStep = "LIANZHEN_CHAOS_CLOCK_STEP"
