// Native libraries have process-wide state (random numbers, thread counts, live counters): one test at a time.
[assembly: DoNotParallelize]
