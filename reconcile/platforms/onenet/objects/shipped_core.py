"""Objects 0 to 19: those of LwM2M itself. The form of a line is told in `shipped`.

Source: OneNET, objects and resources (device-develop/resource_list), compared with OMA's registry. Object 19 is not in
OneNET's catalogue, which therefore takes it as opaque; OneNET writes 19/n/0 as one value, though the registry has many.
4/1 is contested because written examples of OneNET set it, though the registry has it read-only.
"""

TABLE = """
0 * LwM2M Security
 0 -! string 0-255 - LwM2M Server URI
 1 -! boolean - - Bootstrap-Server
 2 -! integer 0-4 - Security Mode
 3 -! opaque - - Public Key or Identity
 4 -! opaque - - Server Public Key
 5 -! opaque - - Secret Key
 6 - integer 0-255 - SMS Security Mode
 7 - opaque - - SMS Binding Key Parameters
 8 - opaque - - SMS Binding Secret Key(s)
 9 - string - - LwM2M Server SMS Number
 10 - integer 1-65534 - Short Server ID
 11 - integer - s Client Hold Off Time
 12 - integer - s Bootstrap-Server Account Timeout
1 * LwM2M Server
 0 R! integer 1-65535 - Short Server ID
 1 RW! integer - s Lifetime
 2 RW integer - s Default Minimum Period
 3 RW integer - s Default Maximum Period
 4 E none - - Disable
 5 RW integer - s Disable Timeout
 6 RW! boolean - - Notification Storing When Disabled or Offline
 7 RW! string - - Binding
 8 E! none - - Registration Update Trigger
2 * LwM2M Access Control
 0 R! integer 1-65534 - Object ID
 1 R! integer 0-65535 - Object Instance ID
 2 RW integer* - - ACL
 3 RW! integer 0-65535 - Access Control Owner
3 1 Device
 0 R string - - Manufacturer
 1 R string - - Model Number
 2 R string - - Serial Number
 3 R string - - Firmware Version
 4 E! none - - Reboot
 5 E none - - Factory Reset
 6 R integer* 0-7 - Available Power Sources
 7 R integer* - mV Power Source Voltage
 8 R integer* - mA Power Source Current
 9 R integer 0-100 % Battery Level
 10 R integer - KB Memory Free
 11 R! integer* 0-8 - Error Code
 12 E none - - Reset Error Code
 13 RW time - - Current Time
 14 RW string - - UTC Offset
 15 RW string - - Timezone
 16 R! string - - Supported Binding and Modes
 17 R string - - Device Type
 18 R string - - Hardware Version
 19 R string - - Software Version
 20 R integer 0-6 - Battery Status
 21 R integer - KB Memory Total
 22 R objlnk* - - ExtDevInfo
 26261 R integer - - MCU Memory Free
4 1 Connectivity Monitoring
 0 R! integer - - Network Bearer
 1 R!? integer* - - Available Network Bearer
 2 R! integer - dBm Radio Signal Strength
 3 R integer - - Link Quality
 4 R! string* - - IP Addresses
 5 R string* - - Router IP Addresses
 6 R integer 0-100 % Link Utilization
 7 R string* - - APN
 8 R integer - - Cell ID
 9 R integer - - SMNC
 10 R integer - - SMCC
5 1 Firmware Update
 0 W! opaque - - Package
 1 RW! string 0-255 - Package URI
 2 E! none - - Update
 3 R! integer 0-3 - State
 5 R! integer 0-9 - Update Result
 6 R string 0-255 - PkgName
 7 R string 0-255 - PkgVersion
 8 R integer* - - Firmware Update Protocol Support
 9 R! integer - - Firmware Update Delivery Method
 26500 R integer - - Transferred Bytes
 26501 E integer - - Switch System Status
6 1 Location
 0 R! float - deg Latitude
 1 R! float - deg Longitude
 2 R float - m Altitude
 3 R float - m Radius
 4 R opaque - - Velocity
 5 R! time - - Timestamp
 6 R float - m/s Speed
7 1 Connectivity Statistics
 0 R integer - - SMS Tx Counter
 1 R integer - - SMS Rx Counter
 2 R integer - KB Tx Data
 3 R integer - KB Rx Data
 4 R integer - B Max Message Size
 5 R integer - B Average Message Size
 6 E! none - - Start
 7 E! none - - Stop
 8 RW integer - s Collection Period
8 1 Lock and Wipe
 0 RW! integer 0-2 - State
 1 W! string* - - Lock target
 2 R string* - - Wipe item
 3 E! none - - Wipe
 4 W! string* - - Wipe target
 5 R! integer 0-8 - Lock or Wipe Operation Result
9 * LwM2M Software Management
 0 R! string 0-255 - PkgName
 1 R! string 0-255 - PkgVersion
 2 W opaque - - Package
 3 W string 0-255 - Package URI
 4 E! none - - Install
 5 R objlnk - - Checkpoint
 6 E! none - - Uninstall
 7 R! integer 0-4 - Update State
 8 RW boolean - - Update Supported Objects
 9 R! integer 0-200 - Update Result
 10 E! none - - Activate
 11 E! none - - Deactivate
 12 R! boolean - - Activation State
 13 RW objlnk - - Package Settings
 14 W string 0-255 - User Name
 15 W string 0-255 - Password
10 1 Cellular connectivity
 0 RW string - - SMSC address
 1 RW integer 0-65535 min Disable radio period
 2 RW string - - Module activation code
 3 R objlnk - - Vendor specific extensions
 4 RW integer - s PSM Timer
 5 RW integer - s Active Timer
 6 R integer - - Serving PLMN Rate control
 7 RW opaque - - eDRX parameters for Iu mode
 8 RW opaque - - eDRX parameters for WB-S1 mode
 9 RW opaque - - eDRX parameters for NB-S1 mode
 10 RW opaque - - eDRX parameters for A/Gb mode
 11 R! string* - - Activated Profile Names
11 * APN connection profile
 0 RW! string - - Profile name
 1 RW string - - APN
 2 RW boolean - - Auto select APN by device
 3 RW boolean - - Enable status
 4 RW! integer - - Authentication Type
 5 RW string - - User Name
 6 RW string - - Secret
 7 RW string - - Reconnect Schedule
 8 RW string* - - Validity (MCC, MNC)
 9 R time* - - Connection establishment time
 10 R integer* - - Connection establishment result
 11 R integer* 0-111 - Connection establishment reject cause
 12 R time* - - Connection end time
 13 R integer - - TotalBytesSent
 14 R integer - - TotalBytesReceived
 15 RW string* - - IP address
 16 RW string* - - Prefix length
 17 RW string* - - Subnet mask
 18 RW string* - - Gateway
 19 RW string* - - Primary DNS address
 20 RW string* - - Secondary DNS address
 21 R integer 1-9 - QCI
 22 R objlnk - - Vendor specific extensions
 23 R integer - - TotalPacketsSent
 24 RW integer - - PDN Type
 25 R integer - - APN Rate Control
13 1 Bearer selection
 0 RW integer* - - Preferred Communications Bearer
 1 RW integer - - Acceptable RSSI (GSM)
 2 RW integer - - Acceptable RSCP (UMTS)
 3 RW integer - - Acceptable RSRP (LTE)
 4 RW integer - - Acceptable RSSI (1xEV-DO)
 5 RW string - - Cell lock list
 6 RW string - - Operator list
 7 RW boolean - - Operator list mode
 8 R string - - List of available PLMNs
 9 R objlnk - - Vendor specific extensions
 10 RW integer - - Acceptable RSRP (NB-IoT)
 11 RW integer - - Higher Priority PLMN Search Timer
 12 RW boolean - - Attach without PDN connection
19 * BinaryAppDataContainer
 0 RW! opaque - - Data
 1 RW opaque(integer) - - Data Priority
 2 RW opaque(time) - - Data Creation Time
 3 RW opaque(string) - - Data Description
 4 RW opaque(string) - - Data Format
 5 RW opaque(integer) - - App ID
"""
