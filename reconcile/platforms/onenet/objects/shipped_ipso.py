"""Objects 3200 to 3350: the smart objects of IPSO. The form of a line is told in `shipped`.

Source: OneNET, objects and resources (device-develop/resource_list), compared with OMA's registry. The bounds of
sensors (5603, 5604) are contested: the registry has them read-only, devices on OneNET take alarm thresholds there.
Where the registry's later versions have a 5750 that OneNET's catalogue has not, OneNET takes it as opaque.
"""

TABLE = """
3200 * Digital Input
 5500 R! boolean - - Digital Input State
 5501 R integer - - Digital Input Counter
 5502 RW boolean - - Digital Input Polarity
 5503 RW integer - ms Digital Input Debounce
 5504 RW integer 1-3 - Digital Input Edge Selection
 5505 E opaque(string) - - Digital Input Counter Reset
 5750 RW string - - Application Type
 5751 R string - - Sensor Type
3201 * Digital Output
 5550 RW! boolean - - Digital Output State
 5551 RW boolean - - Digital Output Polarity
 5750 RW string - - Application Type
3202 * Analog Input
 5600 R! float 0-1 - Analog Input Current Value
 &extremes
 5750 RW string - - Application Type
 5751 R string - - Sensor Type
3203 * Analog Output
 5603 R? float - - Min Range Value
 5604 R? float - - Max Range Value
 5605 E opaque(string) - - Reset Min and Max Measured Values
 5650 RW! float 0-1 - Analog Output Current Value
 5750 R? string - - Application Type
3300 * Generic Sensor
 &sensor
 5750 RW string - - Application Type
 5751 R string - - Sensor Type
3301 * Illuminance
 &sensor
 5750 RW opaque(string) - - Application Type
3302 * Presence
 5500 R! boolean - - Digital Input State
 5501 R integer - - Digital Input Counter
 5505 E opaque - - Digital Input Counter Reset
 5750 RW opaque(string) - - Application Type
 5751 R string - - Sensor Type
 5903 RW integer - ms Busy to Clear delay
 5904 RW integer - ms Clear to Busy delay
3303 * Temperature
 &sensor
 5750 RW opaque(string) - - Application Type
3304 * Humidity
 &sensor
 5750 RW opaque(string) - - Application Type
3305 * Power Measurement
 5605 E opaque - - Reset Min and Max Measured Values
 5750 RW opaque(string) - - Application Type
 5800 R! float - W Instantaneous active power
 5801 R float - W Min Measured active power
 5802 R float - W Max Measured active power
 5803 R? float - W Min Range active power
 5804 R? float - W Max Range active power
 5805 R float - Wh Cumulative active power
 5806 W float - W Active Power Calibration
 5810 R float - var Instantaneous reactive power
 5811 R float - var Min Measured reactive power
 5812 R float - var Max Measured reactive power
 5813 R? float - var Min Range reactive power
 5814 R? float - var Max Range reactive power
 5815 R float - varh Cumulative reactive power
 5816 W float - var Reactive Power Calibration
 5820 R float - - Power factor
 5821 RW float - - Current Calibration
 5822 E opaque - - Reset Cumulative energy
3306 * Actuation
 5750 RW string - - Application Type
 5850 RW! boolean - - On/Off
 5851 RW integer 0-100 % Dimmer
 5852 RW integer - s On Time
 5853 RW string - - Multi-state Output
3308 * Set Point
 5701 R string - - Sensor Units
 5706 RW string - - Colour
 5750 RW string - - Application Type
 5900 RW! float - - Set Point Value
3310 * Load Control
 5750 RW opaque(string) - - Application Type
 5823 RW! string - - Event Identifier
 5824 RW! string(time) - - Start Time
 5825 RW! string(integer) - min Duration In Min
 5826 RW string(integer) - - Criticality Level
 5827 RW string(integer) - % Avg Load Adj Pct
 5828 RW string(integer) - % Duty Cycle
3311 * Light Control
 5701 R string - - Sensor Units
 5706 RW string - - Colour
 5750 RW opaque(string) - - Application Type
 5805 R float - Wh Cumulative active power
 5820 R float - - Power factor
 5850 RW! boolean - - On/Off
 5851 RW integer 0-100 % Dimmer
 5852 RW integer - s On Time
3312 * Power Control
 5750 RW opaque(string) - - Application Type
 5805 R float - Wh Cumulative active power
 5820 R float - - Power factor
 5850 RW! boolean - - On/Off
 5851 RW integer 0-100 % Dimmer
 5852 RW integer - s On Time
3313 * Accelerometer
 5603 R? float - - Min Range Value
 5604 R? float - - Max Range Value
 5701 R string - - Sensor Units
 &axes
 5750 RW opaque(string) - - Application Type
3314 * Magnetometer
 5701 R string - - Sensor Units
 &axes
 5705 R float 0-360 deg Compass Direction
 5750 RW opaque(string) - - Application Type
3315 * Barometer
 &sensor
 5750 RW opaque(string) - - Application Type
3316 * Voltage
 &calibrated
3317 * Current
 &calibrated
3318 * Frequency
 &calibrated
3319 * Depth
 &calibrated
3320 * Percentage
 &calibrated
3321 * Altitude
 &calibrated
3322 * Load
 &calibrated
3323 * Pressure
 &calibrated
3324 * Loudness
 &calibrated
3325 * Concentration
 &calibrated
3326 * Acidity
 &calibrated
3327 * Conductivity
 &calibrated
3328 * Power
 &calibrated
3329 * Power Factor
 &calibrated
3330 * Distance
 &calibrated
3331 * Energy
 5701 R string - - Sensor Units
 5750 RW string - - Application Type
 5805 R! float - Wh Cumulative active power
 5822 E string - - Reset Cumulative energy
3332 * Direction
 5601 R float - - Min Measured Value
 5602 R float - - Max Measured Value
 5605 E opaque - - Reset Min and Max Measured Values
 5705 R! float 0-360 deg Compass Direction
 5750 RW string - - Application Type
3333 * Time
 5506 RW! time - - Current Time
 5507 RW float 0-1 s Fractional Time
 5750 RW string - - Application Type
3334 * Gyrometer
 5508 R float - - Min X Value
 5509 R float - - Max X Value
 5510 R float - - Min Y Value
 5511 R float - - Max Y Value
 5512 R float - - Min Z Value
 5513 R float - - Max Z Value
 5603 R? float - - Min Range Value
 5604 R? float - - Max Range Value
 5605 E opaque - - Reset Min and Max Measured Values
 5701 R string - - Sensor Units
 &axes
 5750 RW string - - Application Type
3335 * Colour
 5701 R string - - Sensor Units
 5706 RW! string - - Colour
 5750 RW string - - Application Type
3336 * Location
 5513 R! string - deg Latitude
 5514 R! string - deg Longitude
 5515 R string - m Altitude
 5516 R string - m Uncertainty
 5517 R opaque - - Velocity
 5518 R time - - Timestamp
 5705 R float 0-360 deg Compass Direction
 5750 RW string - - Application Type
3337 * Positioner
 5519 R float - - Min Limit
 5520 R float - - Max Limit
 5536 RW! float 0-100 % Current Position
 5537 RW float - s Transition Time
 5538 R float - s Remaining Time
 5601 R float - - Min Measured Value
 5602 R float - - Max Measured Value
 5605 E opaque - - Reset Min and Max Measured Values
 5750 RW string - - Application Type
3338 * Buzzer
 5521 RW float - s Delay Duration
 5525 RW! float - s Minimum Off-time
 5548 RW opaque(float) - % Level
 5750 RW string - - Application Type
 5850 RW! boolean - - On/Off
 5851 RW integer 0-100 % Dimmer
3339 * Audio Clip
 5522 RW! opaque - - Clip
 5523 E opaque - - Trigger
 5524 RW float - s Duration
 5750 RW string - - Application Type
 5851 RW integer 0-100 % Dimmer
3340 * Timer
 5501 R integer - - Digital Input Counter
 5521 RW! float - s Delay Duration
 5523 E opaque - - Trigger
 5525 RW float - s Minimum Off-time
 5526 RW integer 0-4 - Timer Mode
 5534 RW integer - - Counter
 5538 RW float - s Remaining Time
 5543 R boolean - - Digital State
 5544 RW float - s Cumulative Time
 5750 RW string - - Application Type
 5850 RW boolean - - On/Off
3341 * Addressable Text Display
 5527 RW! string - - Text
 5528 RW integer - - X Coordinate
 5529 RW integer - - Y Coordinate
 5530 E string - - Clear Display
 5531 RW float 0-100 % Contrast
 5545 R integer - - Max X Coordinate
 5546 R integer - - Max Y Coordinate
 5750 RW string - - Application Type
 5851 RW float 0-100 % Dimmer
3342 * On/Off switch
 5500 R! boolean - - Digital Input State
 5501 R integer - - Digital Input Counter
 5750 RW string - - Application Type
 5852 RW integer - s On Time
 5854 RW integer - s Off Time
3343 * Dimmer
 5750 RW string - - Application Type
 5851 RW! float 0-100 % Dimmer
 5852 RW integer - s On Time
 5854 RW integer - s Off Time
3344 * Up/Down Control
 5532 R! boolean - - Increase Input State
 5533 R! boolean - - Decrease Input State
 5541 RW integer - - Up Counter
 5542 RW integer - - Down Counter
 5750 RW string - - Application Type
3345 * Multiple Axis Joystick
 5500 R boolean - - Digital Input State
 5501 R integer - - Digital Input Counter
 5702 R float - - X Value
 5703 R float - - Y Value
 5704 R float - - Z Value
 5750 RW string - - Application Type
3346 * Rate
 &calibrated
3347 * Push button
 5500 R! boolean - - Digital Input State
 5501 R integer - - Digital Input Counter
 5750 RW string - - Application Type
3348 * Multi-state Selector
 5547 R! integer - - Multi-state Input
 5750 RW string - - Application Type
3349 * Bitmap
 5750 RW string - - Application Type
 5910 R! integer - - Bitmap Input
 5911 E opaque - - Bitmap Input Reset
 5912 RW string* - - Element Description
3350 * Stopwatch
 5501 R integer - - Digital Input Counter
 5544 RW! float - s Cumulative Time
 5750 RW string - - Application Type
 5850 RW boolean - - On/Off
"""

SHARED = {
    "extremes": """
 5601 R float - - Min Measured Value
 5602 R float - - Max Measured Value
 5603 R? float - - Min Range Value
 5604 R? float - - Max Range Value
 5605 E opaque(string) - - Reset Min and Max Measured Values
""",
    "sensor": """
 &extremes
 5700 R! float - - Sensor Value
 5701 R string - - Sensor Units
""",
    "calibrated": """
 &sensor
 5750 RW string - - Application Type
 5821 RW string(float) - - Current Calibration
""",
    "axes": """
 5702 R! float - - X Value
 5703 R float - - Y Value
 5704 R float - - Z Value
""",
}
"""Rows that many objects have in common, named by `&` in a table."""
