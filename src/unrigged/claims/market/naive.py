"""The claims of the market paper on its simple but wrong mechanisms, naive-1 to naive-4.

Source: P. Azar, J. Chen and S. Micali, Budget-balanced maximization of social welfare resilient to unrestricted
collusion, privacy, and beliefs (2011), section 5.1.
"""

from unrigged.claims.market.naive_1 import NAIVE_1
from unrigged.claims.market.naive_2 import NAIVE_2
from unrigged.claims.market.naive_3 import NAIVE_3
from unrigged.claims.market.naive_4 import NAIVE_4

CLAIMS = (NAIVE_1, NAIVE_2, NAIVE_3, NAIVE_4)
